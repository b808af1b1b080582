-- What a destination needs to go on with an upload of a large file that was broken off: its own words.
alter table hawser.files add column upload jsonb;
