-- Whether a bot was asked: that is no wait for a person (E14); null: nobody said so.
ALTER TABLE review_requests ADD COLUMN reviewer_kind VARCHAR;
