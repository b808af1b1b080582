alter table hawser.files drop column pending_key;
