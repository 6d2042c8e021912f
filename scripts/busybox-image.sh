# Making an image from Debian's busybox-static and pushing it to a registry, with coreutils, tar and curl only.
# For sourcing.

# push_busybox URL REPOSITORY TAG: e.g. push_busybox http://127.0.0.1:5000 busybox latest
push_busybox() {
  local url=$1 repository=$2 tag=$3 work
  work=$(mktemp -d)
  busybox_layer "$work"
  local layer config
  layer=$(push_blob "$url/v2/$repository" "$work/layer.tar.gz")
  cat >"$work/config.json" <<JSON
{"architecture":"$(dpkg --print-architecture)","os":"linux","created":"2024-01-01T00:00:00Z",
 "config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["sh"]},
 "rootfs":{"type":"layers","diff_ids":["$(digest_of "$work/layer.tar")"]}}
JSON
  config=$(push_blob "$url/v2/$repository" "$work/config.json")
  cat >"$work/manifest.json" <<JSON
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
 "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"$config","size":$(stat -c %s "$work/config.json")},
 "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"$layer","size":$(stat -c %s "$work/layer.tar.gz")}]}
JSON
  curl -fsS -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' \
    --data-binary "@$work/manifest.json" "$url/v2/$repository/manifests/$tag"
  rm -rf "$work"
}

# busybox_layer DIRECTORY: writes layer.tar and layer.tar.gz, the same bytes for the same busybox.
busybox_layer() {
  local root=$1/root applet
  mkdir -p "$root"/{bin,etc,home,tmp,var/www} && mkdir -m 700 "$root/root" && chmod 1777 "$root/tmp"
  install -m 755 /bin/busybox "$root/bin/busybox"
  /bin/busybox --list-full | while read -r applet; do
    [ "$applet" != bin/busybox ] || continue
    mkdir -p "$root/${applet%/*}"
    ln -s /bin/busybox "$root/$applet"
  done
  printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/home:/bin/false >"$root/etc/passwd"
  printf '%s\n' root:x:0: nogroup:x:65534: >"$root/etc/group"
  tar --create --file "$1/layer.tar" --directory "$root" --sort=name --owner=0 --group=0 --numeric-owner \
    --mtime=2024-01-01T00:00:00Z .
  gzip --no-name --keep "$1/layer.tar"
}

digest_of() {
  local sum
  sum=$(sha256sum "$1")
  echo "sha256:${sum%% *}"
}

# push_blob REPOSITORY_URL FILE: uploads it unless it is there, and prints its digest.
push_blob() {
  local digest location
  digest=$(digest_of "$2")
  if ! curl -fsS -o /dev/null --head "$1/blobs/$digest" 2>/dev/null; then
    location=$(curl -fsS -o /dev/null -D - -X POST "$1/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
    case $location in *\?*) location="$location&" ;; *) location="$location?" ;; esac
    curl -fsS -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$2" \
      "${location}digest=$digest"
  fi
  echo "$digest"
}
