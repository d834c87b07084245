#!/bin/sh
# Makes the secrets of compose.yaml in ./secrets, once: what is there stays. Keep a copy elsewhere; a backup does not have them.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
make_secret() { [ -s "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"; }
random() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

make_secret postgres_password "$(random 24)"
make_secret redis_password "$(random 24)"
make_secret minio_root_user "root-$(random 4)"
make_secret minio_root_password "$(random 24)"
make_secret s3_access_key "english-$(random 6)"
make_secret s3_secret_key "$(random 24)"
make_secret jwt_secret_key "$(random 32)"
make_secret grafana_password "$(random 12)"
make_secret database_url "postgres://english:$(cat secrets/postgres_password)@postgres:5432/english?sslmode=disable"
make_secret redis_url "redis://default:$(cat secrets/redis_password)@redis:6379/0"
# Containers read them as users of their own. The folder lets nobody else on this machine in.
chmod 0700 secrets
chmod 0444 secrets/*
echo "secrets/ is complete; Grafana's password for admin: $(cat secrets/grafana_password)"
