#!/bin/sh
# Redis with its password from a file, so that it stands neither in the process list nor in the compose file.
# What is kept are cached values, counters and the marks of signatures that were used, all with an end of life, some megabytes.
# noeviction: should memory end nevertheless, no mark may be forgotten, since its signature could be used again; daemons go on
# without what they cannot store.
set -eu
umask 077
cat >/tmp/redis.conf <<-SETTINGS
	requirepass $(cat /run/secrets/redis_password)
	maxmemory 200mb
	maxmemory-policy noeviction
	save ""
	appendonly no
SETTINGS
exec redis-server /tmp/redis.conf
