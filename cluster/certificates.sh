#!/bin/sh
# Makes the log's authority and one certificate for each node, and makes a node's anew when half of
# its life is over. Run as root by the service `certificates` at each `docker compose up`.
#   certificates.sh          what is missing or half over
#   certificates.sh renew    every node's, whatever its age
# The shop says on /readyz and in its log when a certificate ends within four weeks.
set -eu

authority=${AUTHORITY_KEY_FOLDER:-/authority-key} # the only place with the authority's key
nodes=${NODES_FOLDER:-/certificates}
public=${AUTHORITY_FOLDER:-/authority} # what the shop trusts
owner=${NODE_USER:-1001:1001}          # who KurrentDB is in its image, since 26.0
authority_days=7300
node_days=730
renew_after_days=365

if [ ! -f "$authority/ca.key" ]; then
    es-gencert-cli create-ca -days $authority_days -out "$authority"
    set -- renew # what another authority signed is worth nothing
fi

for number in 1 2 3; do
    node="$nodes/node$number"
    if [ "${1:-}" != renew ] && [ -f "$node/node.crt" ] &&
        [ -z "$(find "$node/node.crt" -mtime +$renew_after_days)" ]; then
        continue
    fi
    rm -rf "$node.new"
    es-gencert-cli create-node -days $node_days -out "$node.new" \
        -ca-certificate "$authority/ca.crt" -ca-key "$authority/ca.key" \
        -ip-addresses "127.0.0.1,172.30.240.1$number" -dns-names "localhost,node$number"
    mkdir -p "$node"
    mv -f "$node.new/node.key" "$node.new/node.crt" "$node/"
    rmdir "$node.new"
done

mkdir -p "$nodes/ca"
for folder in "$nodes/ca" "$public"; do # whoever is reading it reads the old one or the new one
    cp "$authority/ca.crt" "$folder/new"
    chmod 0444 "$folder/new"
    mv -f "$folder/new" "$folder/ca.crt"
done
chown -R "$owner" "$nodes"
chmod -R go-rwx "$nodes" "$authority"
