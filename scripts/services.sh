# shellcheck shell=bash
# Starting and stopping PostgreSQL, PgBouncer, Redis and MinIO for tests and development. Sourced by with-services, services-up,
# services-down and install-services; needs nothing but bash, coreutils and util-linux.
#
# A caller sets up with services_init DIRECTORY and then calls start_postgres, start_pgbouncer, start_redis, start_minio. Each adds
# a row to the arrays service_names, service_pids and service_signals, and sets the variables TEST_… of its service.

# shellcheck disable=SC2034 # for the scripts that source this
cache_dir=${ENGLISHCTL_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/englishctl}

# shellcheck disable=SC2034
service_names=()
service_pids=()
service_signals=() # what asks each of them to stop at once but in order

say() { printf '%s\n' "$*" >&2; }

# postgres_bin prints the directory of PostgreSQL's server programs. Debian keeps them out of PATH.
postgres_bin() {
	local dir
	if command -v initdb >/dev/null && command -v postgres >/dev/null; then
		dirname "$(command -v initdb)"
		return
	fi
	dir=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	[[ -x $dir/initdb && -x $dir/postgres ]] && echo "$dir"
}

# services_init DIRECTORY [SIGNAL] prepares the directory for data, configuration and logs.
#
# PostgreSQL refuses to run as root, and nothing here needs root: root hands all of them to another user. With a
# SIGNAL the kernel sends it to the services should the calling script be killed too hard to clean up.
services_init() {
	services_root=$1
	drop=()
	service_user=$(id -un)
	command -v setpriv >/dev/null && drop=(setpriv)
	if [[ $EUID -eq 0 ]]; then
		service_user=nobody
		id -u postgres >/dev/null 2>&1 && service_user=postgres
		[[ ${#drop[@]} -gt 0 ]] || {
			say "services: setpriv (util-linux) is needed to start services as $service_user instead of root"
			return 1
		}
		drop+=("--reuid=$service_user" "--regid=$(id -g "$service_user")" --clear-groups)
	fi
	if [[ ${#drop[@]} -gt 0 ]]; then
		drop+=(--no-new-privs ${2:+"--pdeathsig=$2"} --)
	fi
	chmod 0711 "$services_root" # the other user may pass through, not look around
}

# service_home NAME creates the directory of one service, its owner's alone: $home.
service_home() {
	service_began=${EPOCHREALTIME/[.,]/}
	home=$services_root/$1
	mkdir -m 0700 "$home"
	own "$home"
}

own() { [[ $EUID -ne 0 ]] || chown -R "$service_user:" "$@"; }

# confined HOME CMD… replaces the shell by CMD, run as the service user with an empty environment: what the tests
# are configured with is not the services' business.
confined() {
	local home=$1
	shift
	cd "$home" || exit
	exec env -i PATH="$PATH" HOME="$home" LC_ALL=C.UTF-8 "${drop[@]}" "$@"
}

# launch HOME CMD… starts CMD in the background; its pid is in $launched, its output in HOME/log. It gets a process
# group of its own (set -m), so that a Ctrl-C meant for the tests does not take the database away under them.
launch() {
	set -m
	(confined "$@") >"$1/log" 2>&1 </dev/null 9>&- &
	launched=$!
	set +m
}

random_hex() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# free_port prints a port that nobody listens on right now. It is below the range of outgoing connections (32768 and
# up on Linux). Somebody may still be faster: start_on_free_port tries again.
free_port() {
	local port
	while :; do
		port=$((20000 + SRANDOM % 12000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# start_on_free_port NAME SIGNAL VERSION HOME LAUNCH READY starts a service: LAUNCH PORT launches it, READY PORT
# asks whether it answers, in a way that only this very process can answer (another run may own the port).
start_on_free_port() {
	local name=$1 signal=$2 version=$3 home=$4 launch=$5 ready=$6 port row=${#service_pids[@]}
	for _ in 1 2 3 4 5; do
		port=$(free_port)
		"$launch" "$port"
		service_names[row]=$name service_pids[row]=$launched service_signals[row]=$signal
		if await_ready "$launched" "$ready" "$port"; then
			started_port=$port
			say "$(printf '%-10s %-14s 127.0.0.1:%-6d pid %-8d %5.1f s' "$name" "$version" "$port" "$launched" \
				"$(seconds_since "$service_began")")"
			return
		fi
		if kill -0 "$launched" 2>/dev/null; then break; fi # it lives, so it has its port, and something else is wrong
		stop_services_from "$row"
	done
	say "services: $name does not start; the end of its log:"
	tail -n 20 "$home/log" >&2
	return 1
}

# seconds_since MICROSECONDS prints the seconds passed since then, with one decimal.
seconds_since() {
	local tenths=$(((${EPOCHREALTIME/[.,]/} - $1 + 50000) / 100000))
	echo "$((tenths / 10)).$((tenths % 10))"
}

# await_ready PID READY PORT waits until READY PORT succeeds; fails when the process has died or after a minute.
await_ready() {
	for _ in {1..600}; do
		"$2" "$3" && return
		kill -0 "$1" 2>/dev/null || return
		sleep 0.1
	done
	return 1
}

# stop_services stops what was started, last first, each by its own pid: asked nicely, after ten seconds by force.
stop_services() { stop_services_from 0; }

stop_services_from() {
	local i
	for ((i = ${#service_pids[@]} - 1; i >= $1; i--)); do
		kill -s "${service_signals[i]}" "${service_pids[i]}" 2>/dev/null || true
	done
	for ((i = ${#service_pids[@]} - 1; i >= $1; i--)); do
		await_end "${service_pids[i]}" || kill -s KILL "${service_pids[i]}" 2>/dev/null || true
		wait "${service_pids[i]}" 2>/dev/null || true
		unset 'service_names[i]' 'service_pids[i]' 'service_signals[i]'
	done
}

# start_time PID prints when a process began, in clock ticks since boot; it fails if the process has ended, also if
# nobody has collected it yet (process 1 of a container may never do). With this time a pid is not mistaken for its
# successor. The fields of proc(5)'s stat are counted after the name, which may hold spaces and parentheses.
start_time() {
	local stat fields
	# `return 1` and not `return`: in a trap the latter would mean the status from before the trap.
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	read -r -a fields <<<"${stat##*)}"
	[[ ${fields[0]} != [ZX] ]] && echo "${fields[19]}"
}

# await_end PID waits up to ten seconds for the end of a process.
await_end() {
	for _ in {1..200}; do
		start_time "$1" >/dev/null || return 0
		sleep 0.05
	done
	return 1
}

# --- PostgreSQL -------------------------------------------------------------------------------------------------

start_postgres() {
	local bin version password
	bin=$(postgres_bin)
	version=$("$bin/postgres" --version)
	version=${version#postgres (PostgreSQL) }
	service_home postgres
	postgres_home=$home
	password=$(random_hex 16)
	(umask 077 && echo "$password" >"$postgres_home/password" && own "$postgres_home/password")
	(confined "$postgres_home" "$bin/initdb" --pgdata="$postgres_home/data" --username=postgres \
		--pwfile="$postgres_home/password" --auth=scram-sha-256 --encoding=UTF8 --locale="$(postgres_locale)" \
		--no-sync) >"$postgres_home/log" 2>&1 || {
		cat "$postgres_home/log" >&2
		return 1
	}
	postgres_settings >>"$postgres_home/data/postgresql.conf"
	postgres_server=$bin/postgres
	# INT is PostgreSQL's "fast" shutdown; TERM would wait for clients to leave.
	start_on_free_port PostgreSQL INT "${version%% *}" "$postgres_home" launch_postgres postgres_ready
	export TEST_POSTGRES_URL="postgres://postgres:$password@127.0.0.1:$started_port/postgres?sslmode=disable"
}

postgres_locale() { if locale -a 2>/dev/null | grep -qix 'c\.utf-\?8'; then echo C.UTF-8; else echo C; fi; }

# With SERVICES_DURABLE=1 a commit is on the disk when it returns, as in production: for tests that kill the server.
postgres_settings() {
	cat <<-SETTINGS
		listen_addresses = '127.0.0.1'
		unix_socket_directories = ''
		max_connections = 200
		timezone = 'UTC'
	SETTINGS
	[[ ${SERVICES_DURABLE:-} == 1 ]] || cat <<-SETTINGS
		fsync = off
		synchronous_commit = off
		full_page_writes = off
	SETTINGS
}

launch_postgres() { launch "$postgres_home" "$postgres_server" -D "$postgres_home/data" -p "$1"; }

# The server itself writes its state into its data directory: its pid, and in the eighth line whether it accepts
# connections. One that was killed leaves the file behind.
postgres_ready() {
	local state
	mapfile -t state < <(cat "$postgres_home/data/postmaster.pid" 2>/dev/null)
	[[ ${state[0]:-} == "$launched" && ${state[7]:-} == ready* ]]
}

# --- PgBouncer --------------------------------------------------------------------------------------------------

# pgbouncer_program prints where it is. Debian keeps it out of PATH.
pgbouncer_program() {
	command -v pgbouncer || { [[ ! -x /usr/sbin/pgbouncer ]] || echo /usr/sbin/pgbouncer; }
}

# start_pgbouncer puts a pool in transaction mode before the server of TEST_POSTGRES_URL: all databases of the server, by the same user and
# password. It has few connections to the server, so that the tests' transactions really change places.
start_pgbouncer() {
	local version
	pgbouncer_program_path=$(pgbouncer_program)
	version=$("$pgbouncer_program_path" --version)
	version=${version#PgBouncer }
	service_home pgbouncer
	pgbouncer_home=$home
	start_on_free_port PgBouncer INT "${version%%[!0-9.]*}" "$pgbouncer_home" launch_pgbouncer pgbouncer_ready
	export TEST_PGBOUNCER_URL="${TEST_POSTGRES_URL%%://*}://$(pgbouncer_account)@127.0.0.1:$started_port/postgres?sslmode=disable"
}

# pgbouncer_account prints USER:PASSWORD as TEST_POSTGRES_URL has them.
pgbouncer_account() {
	local account=${TEST_POSTGRES_URL#*://}
	echo "${account%%@*}"
}

# The names are those of PgBouncer's own documentation, https://www.pgbouncer.org/config.html
launch_pgbouncer() {
	local account address
	account=$(pgbouncer_account)
	address=${TEST_POSTGRES_URL#*@}
	address=${address%%[/?]*}
	[[ $address == *:* ]] || address+=:5432
	(
		umask 077
		printf '"%s" "%s"\n' "${account%%:*}" "${account#*:}" >"$pgbouncer_home/users"
		cat >"$pgbouncer_home/pgbouncer.ini" <<-SETTINGS
			[databases]
			* = host=${address%:*} port=${address##*:}
			[pgbouncer]
			listen_addr = 127.0.0.1
			listen_port = $1
			unix_socket_dir =
			auth_type = scram-sha-256
			auth_file = $pgbouncer_home/users
			admin_users = ${account%%:*}
			pool_mode = transaction
			default_pool_size = 3
			max_client_conn = 500
			server_idle_timeout = 2
			ignore_startup_parameters = extra_float_digits
		SETTINGS
		own "$pgbouncer_home"
	)
	launch "$pgbouncer_home" "$pgbouncer_program_path" "$pgbouncer_home/pgbouncer.ini"
}

# It says in its log what it listens on; a port that somebody else has ends it.
pgbouncer_ready() {
	grep -q "listening on 127\.0\.0\.1:$1" "$pgbouncer_home/log" 2>/dev/null && kill -0 "$launched" 2>/dev/null
}

# --- Redis ------------------------------------------------------------------------------------------------------

start_redis() {
	local version
	version=$(redis-server --version)
	version=${version#*v=}
	service_home redis
	redis_home=$home
	redis_password=$(random_hex 16)
	start_on_free_port Redis TERM "${version%% *}" "$redis_home" launch_redis redis_ready
	export TEST_REDIS_URL="redis://default:$redis_password@127.0.0.1:$started_port/0"
}

launch_redis() {
	local durable=no
	[[ ${SERVICES_DURABLE:-} != 1 ]] || durable=yes
	(
		umask 077
		cat >"$redis_home/redis.conf" <<-SETTINGS
			bind 127.0.0.1
			port $1
			requirepass $redis_password
			dir $redis_home
			save ""
			appendonly $durable
			appendfsync always
		SETTINGS
		own "$redis_home/redis.conf"
	)
	launch "$redis_home" "$(command -v redis-server)" "$redis_home/redis.conf"
}

# Only our own Redis knows the password.
redis_ready() {
	local answer=
	{
		exec 3<>"/dev/tcp/127.0.0.1/$1"
		printf 'AUTH %s\r\n' "$redis_password" >&3
		read -r -t 2 answer <&3
		exec 3>&-
	} 2>/dev/null && [[ $answer == +OK* ]]
}

# --- MinIO ------------------------------------------------------------------------------------------------------

start_minio() {
	local program
	program=$("${BASH_SOURCE[0]%/*}/install-tool" minio)
	service_home minio
	minio_home=$home
	mkdir "$minio_home/data" "$minio_home/certs"
	if [[ $EUID -eq 0 ]]; then # the other user cannot reach into root's cache directory
		cp --reflink=auto "$program" "$minio_home/minio"
		program=$minio_home/minio
	fi
	minio_program=$program
	TEST_S3_ACCESS_KEY=$(random_hex 10)
	TEST_S3_SECRET_KEY=$(random_hex 20)
	(
		umask 077
		printf 'MINIO_ROOT_USER=%s\nMINIO_ROOT_PASSWORD=%s\nMINIO_BROWSER=off\nMINIO_UPDATE=off\n' \
			"$TEST_S3_ACCESS_KEY" "$TEST_S3_SECRET_KEY" >"$minio_home/env"
	)
	own "$minio_home"
	start_on_free_port MinIO TERM "$(minio_version)" "$minio_home" launch_minio minio_ready
	export TEST_S3_ACCESS_KEY TEST_S3_SECRET_KEY TEST_S3_ENDPOINT="http://127.0.0.1:$started_port"
}

# A version built by `go install` carries its date: v0.0.0-20260212201848-7aac2a2c5b7c.
minio_version() {
	# shellcheck source=scripts/versions
	(. "${BASH_SOURCE[0]%/*}/versions" && echo "${MINIO_VERSION:7:8}")
}

launch_minio() {
	launch "$minio_home" env MINIO_CONFIG_ENV_FILE="$minio_home/env" "$minio_program" server \
		--address "127.0.0.1:$1" --certs-dir "$minio_home/certs" "$minio_home/data"
}

# Anybody's MinIO answers the health check; that this one serves the port stands in its own log.
minio_ready() {
	local answer=
	grep -q "API:.*127\.0\.0\.1:$1" "$minio_home/log" 2>/dev/null || return
	{
		exec 3<>"/dev/tcp/127.0.0.1/$1"
		printf 'GET /minio/health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
		read -r -t 5 answer <&3
		exec 3>&-
	} 2>/dev/null && [[ $answer == *' 200 '* ]]
}

# --- Across two scripts: services-up and services-down ----------------------------------------------------------

# services_of FILE prints "pid signal name" for each service in services-up's file that is still the same process.
services_of() {
	local pid began signal name
	while read -r pid began signal name; do
		if [[ $pid != directory && $(start_time "$pid") == "$began" ]]; then
			echo "$pid $signal $name"
		fi
	done <"$1"
}
