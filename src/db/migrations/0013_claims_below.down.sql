alter table hawser.object_claims alter column folded_key type text collate "default";
