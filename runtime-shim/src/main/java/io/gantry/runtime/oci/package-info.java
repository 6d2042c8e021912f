/**
 * The OCI runtime specification's configuration (config.json) as plain values, and its JSON form
 * both ways. Nothing here touches Linux, and no other JSON library than jackson-core's streaming
 * parser and generator is used, because every shim process pays for what is loaded.
 */
package io.gantry.runtime.oci;
