#!/bin/sh
# Makes the two packed texts again from the Debian packages they came from (Debian 12, amd64).
# usage: examples/kjv-text.sh FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download bible-kjv-text=4.38 bible-kjv=4.38
for package in *.deb; do dpkg-deb -x "$package" unpacked; done
# The reader looks for bible.data in the folder it runs in. -f: one verse a line.
(cd unpacked/usr/lib && ../bin/bible -f 'gen1:1-rev22:21') > verses.txt
"$here/train.sh" text "$work/verses.txt" "$out"
