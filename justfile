# One way to do each chore. Every recipe is one command or two, so nothing depends on just being installed.

bin := ".venv/bin/"

# formatting, lint, types and layers
check:
    {{bin}}ruff format --check .
    {{bin}}ruff check .
    {{bin}}mypy
    {{bin}}lint-imports --no-logo

# put right what can be put right without a person
fix:
    {{bin}}ruff check --fix .
    {{bin}}ruff format .

# the README's test command, without making the environment
test *args:
    {{bin}}python -m pytest -n auto {{args}}

# the heavier suites: a real Chromium, and what takes more than seconds
test-browser *args:
    {{bin}}python -m pytest -n auto -m "browser or slow" {{args}}

# the quicker tests' properties over many more generated organisations: half an hour, before a release
test-thorough *args:
    {{bin}}python -m pytest -n auto -m thorough {{args}}

# the reference pages in docs/, made from the program
docs:
    {{bin}}python -m tribometer.service.documentation docs

# the speed claims of the README
bench:
    for script in benchmarks/*.py; do {{bin}}python "$script"; done

# collect the clone this stands in and serve it
serve *args:
    {{bin}}tribometer up {{args}}
