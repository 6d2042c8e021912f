# For people at the console.
export PATH=$PATH:/srv/gantry/target/gantry/bin:/srv/gantry/run/tools
ln -sfn /srv/gantry/run/cache /root/.cache/gantry-tests 2>/dev/null || true
cd /srv/gantry 2>/dev/null || true
