#!/bin/sh
# Counts one visit and answers with their number.
set -eu
visits=$(($(cat /data/visits) + 1))
echo "$visits" > /data/visits
printf 'Content-Type: text/plain\r\n\r\n%s\n' "$visits"
