# Run once, when PostgreSQL's volume is new: a database and a role for each service, none of which sees another's.
# (Sourced by the image's entrypoint, so it must not end with `exit`.)
for service in users events tickets payments notifications analytics; do
  name="${service^^}_DATABASE_PASSWORD"
  psql -v ON_ERROR_STOP=1 -q -U "$POSTGRES_USER" -d postgres -v role="$service" -v password="${!name:?has to be set}" <<'SQL'
create role :"role" login password :'password';
create database :"role" owner :"role" encoding 'UTF8' template template0;
revoke all on database :"role" from public;
SQL
done
