-- Every batch looks for what waits for its keys. As long as the table was small, the planner went by the stream alone,
-- and stayed with that while thousands came to wait: each record of a batch was compared with all of them. Lists go by
-- quarantine_waiting_key as well; what waits is little enough to be sorted.
drop index quarantine_waiting;
