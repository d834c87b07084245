#!/bin/sh
# Makes the workbooks in this folder from lessons.fods with LibreOffice (Debian 12: libreoffice-calc). The tests need none of it:
# what this writes is committed.
set -eu
cd "$(dirname "$0")"
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
for kind in xlsx xls ods; do
	soffice -env:UserInstallation="file://$home" --headless --convert-to "$kind" lessons.fods >/dev/null
done
