#!/bin/sh
# Fills the configuration from the environment, then becomes what it was told to run.
set -eu
sed -e "s/@PORT@/$PORT/" -e "s/@API@/$API/" /etc/nginx/site.template > /etc/nginx/site.conf
exec "$@"
