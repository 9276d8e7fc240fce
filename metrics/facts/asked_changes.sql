-- A row is one change of which is asked with which deployment it was shipped; a metric's header may put another fact
-- here.
SELECT source, id FROM changes
