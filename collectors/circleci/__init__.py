"""CircleCI: pipelines, workflows and jobs."""
