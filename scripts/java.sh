# The JDKs of a machine. For sourcing.

# java_feature HOME: the number of the release in that directory, such as 17; nothing if there is none.
java_feature() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

# newer_jdk: the directory of the newest JDK below /usr/lib/jvm, if it is of a later release than the `java` of the search
# path; nothing else.
newer_jdk() {
  local usual best= most home number
  usual=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
  most=$(java_feature "$usual")
  for home in /usr/lib/jvm/*/; do
    home=${home%/}
    number=$(java_feature "$home")
    if [ -n "$number" ] && [ "$number" -gt "${most:-17}" ]; then
      best=$home most=$number
    fi
  done
  [ -z "$best" ] || echo "$best"
}
