-- Where a copy of this file is being put, or may lie already although its process died before it wrote that down. Kept
-- until what came of it is known, so that no object is left at the destination that nobody knows of.
alter table hawser.files add column pending_key text;
