#!/bin/sh
# Runs once, when the database server of compose.yaml is new. Hawser's owner makes roles and is no superuser.
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 --set password="$HAWSER_DATABASE_PASSWORD" <<'SQL'
create role hawser_owner login createrole nosuperuser nobypassrls password :'password';
create database hawser owner hawser_owner;
SQL
