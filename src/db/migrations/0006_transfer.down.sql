alter table hawser.files drop column upload;
