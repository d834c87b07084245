#!/bin/sh
# Makes the bucket and the user of the daemons, who may do with this bucket what they need and nothing else. Can be run again.
set -eu
mc_dir=$(mktemp -d)
mc() { command mc --config-dir "$mc_dir" --quiet "$@"; }
mc alias set store "http://minio:9000" "$(cat /run/secrets/minio_root_user)" "$(cat /run/secrets/minio_root_password)"
mc mb --ignore-existing store/englishapp-audio
mc anonymous set none store/englishapp-audio
mc admin policy create store englishctl /etc/minio-policy.json
mc admin user add store "$(cat /run/secrets/s3_access_key)" "$(cat /run/secrets/s3_secret_key)"
mc admin policy attach store englishctl --user "$(cat /run/secrets/s3_access_key)" ||
	mc admin policy entities store --user "$(cat /run/secrets/s3_access_key)" | grep -q englishctl # has it already
