-- uses: milestone_first_commit, person_waits = person_waits(milestone_first_commit)
-- uses: dated_waits = unit_calendar(person_waits), worked_waits = business_seconds(dated_waits)
-- uses: beginners = person_units(worked_waits)
-- A row is one human, in the period in which they began, and how long it was until they reached the milestone.
SELECT b.* FROM beginners AS b
