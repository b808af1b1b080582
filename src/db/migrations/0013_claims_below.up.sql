-- Claims of what lies below a key are found by their beginning, whatever the order of words in the database is.
alter table hawser.object_claims alter column folded_key type text collate "C";
