#!/bin/sh
# Installs tidemark-agent on this machine and makes it known to a server. As root, on x64 or arm64, with dpkg or rpm:
#
#   curl -fsSL https://packages.example/tidemark/install.sh | sh -s -- \
#     --packages https://packages.example/tidemark --server https://tidemark.example:8437 --token tm_enrol_…
#
# Packages and SHA256SUMS come from --packages, an address or a folder of this machine. Run again, it upgrades, and leaves
# the enrolment as it is. Codes: 0 done, 1 it could not be done, 2 the words are wrong.
set -eu

fail() {
  echo "install: $1" >&2
  exit "${2:-1}"
}

usage() {
  cat >&2 <<'TEXT'
install.sh --packages URL|FOLDER --server URL [--token TOKEN | --token-file FILE]
           [--version V] [--ca FILE] [--key FILE] [--replace]

  --packages     where the packages and SHA256SUMS are
  --server       the Tidemark server; without it the package is installed and the machine is not enrolled
  --token        enrolment token [TIDEMARK_ENROL_TOKEN]; --token-file keeps it out of the list of processes
  --version      1.2.3; the newest in SHA256SUMS where nothing is said
  --ca           PEM file of an authority to believe, for the packages and for the server
  --key          PEM file of the Ed25519 key that signs: SHA256SUMS.sig is then checked (needs openssl 3)
  --replace      the machine was installed anew: take the place that it had
TEXT
  exit 2
}

packages='' server='' token="${TIDEMARK_ENROL_TOKEN:-}" token_file='' version='' ca='' key='' replace=''
while [ $# -gt 0 ]; do
  case "$1" in
    --replace) replace=--replace; shift; continue ;;
    --help | -h) usage ;;
    --packages | --server | --token | --token-file | --version | --ca | --key) [ $# -ge 2 ] || usage ;;
    *) echo "install: there is no $1" >&2; usage ;;
  esac
  case "$1" in
    --packages) packages=${2%/} ;;
    --server) server=${2%/} ;;
    --token) token=$2 ;;
    --token-file) token_file=$2 ;;
    --version) version=$2 ;;
    --ca) ca=$2 ;;
    --key) key=$2 ;;
  esac
  shift 2
done
[ -n "$packages" ] || usage
[ "$(id -u)" = 0 ] || fail 'run this as root'

if command -v dpkg >/dev/null 2>&1; then format=deb; elif command -v rpm >/dev/null 2>&1; then format=rpm; else
  fail 'neither dpkg nor rpm is here'
fi
case "$(uname -m)" in
  x86_64 | amd64) deb_arch=amd64 rpm_arch=x86_64 ;;
  aarch64 | arm64) deb_arch=arm64 rpm_arch=aarch64 ;;
  *) fail "there is no package for $(uname -m)" ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Into $work, from an address or a folder.
fetch() {
  case "$packages" in
    http://* | https://*)
      if command -v curl >/dev/null 2>&1; then
        curl -fsSL --retry 3 ${ca:+--cacert "$ca"} -o "$work/$1" "$packages/$1" || return 1
      elif command -v wget >/dev/null 2>&1; then
        wget -q ${ca:+--ca-certificate="$ca"} -O "$work/$1" "$packages/$1" || return 1
      else
        fail 'neither curl nor wget is here'
      fi
      ;;
    *) cp "$packages/$1" "$work/$1" || return 1 ;;
  esac
}

fetch SHA256SUMS || fail "$packages/SHA256SUMS cannot be had"
if [ -n "$key" ]; then
  fetch SHA256SUMS.sig || fail "$packages/SHA256SUMS.sig cannot be had, and --key asks for it"
  command -v openssl >/dev/null 2>&1 || fail '--key needs openssl'
  openssl base64 -d -A -in "$work/SHA256SUMS.sig" -out "$work/signature"
  openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$work/SHA256SUMS" -sigfile "$work/signature" >/dev/null 2>&1 ||
    fail "SHA256SUMS is not signed by the key in $key"
fi

if [ "$format" = deb ]; then
  pattern="^tidemark-agent_.*_$deb_arch\.deb\$"
  [ -z "$version" ] || pattern="^tidemark-agent_$(printf %s "$version" | sed 's/\./\\./g')_$deb_arch\.deb\$"
else
  pattern="^tidemark-agent-.*-1\.$rpm_arch\.rpm\$"
  [ -z "$version" ] || pattern="^tidemark-agent-$(printf %s "$version" | sed 's/\./\\./g')-1\.$rpm_arch\.rpm\$"
fi
# "~" comes before everything else, as dpkg and rpm have it; sort -V knows.
file=$(awk '{print $2}' "$work/SHA256SUMS" | grep -e "$pattern" | sort -V | tail -n 1 || true)
[ -n "$file" ] || fail "$packages has no $format package ${version:+$version }for $(uname -m)"

fetch "$file" || fail "$packages/$file cannot be had"
(cd "$work" && awk -v file="$file" '$2 == file' SHA256SUMS | sha256sum -c --status -) ||
  fail "$file is not what SHA256SUMS names; nothing was installed"

echo "installing $file"
if [ "$format" = deb ]; then
  # Settings that were changed here are kept, and nothing is asked.
  if command -v apt-get >/dev/null 2>&1; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --allow-downgrades --no-install-recommends \
      -o Dpkg::Options::=--force-confold "$work/$file" >/dev/null || fail 'apt-get could not install it'
  else
    dpkg --force-confold -i "$work/$file" >/dev/null || fail 'dpkg could not install it'
  fi
else
  rpm -U --oldpackage --replacepkgs "$work/$file" || fail 'rpm could not install it'
fi

if [ -z "$server" ]; then
  echo 'installed; "tidemark enroll --server URL --token …" makes this machine known'
elif [ -e /etc/opt/microsoft/azuremonitoragent/machine.json ] && [ -z "$replace" ]; then
  echo 'installed; this machine is enrolled already'
else
  [ -z "$token_file" ] || token=$(cat "$token_file")
  [ -n "$token" ] || fail 'there is no enrolment token: say --token, --token-file or TIDEMARK_ENROL_TOKEN' 2
  TIDEMARK_ENROL_TOKEN=$token tidemark enroll --server "$server" ${ca:+--ca "$ca"} ${replace:+--replace} ||
    fail 'installed, and not enrolled: see above'
  # tidemark-agent.path has seen it; a replaced key is taken by a new start.
  if [ -d /run/systemd/system ]; then systemctl restart tidemark-agent.service; fi
fi
