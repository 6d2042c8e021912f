/**
 * The client of registries that speak the OCI distribution API: which host to ask, how to prove who
 * asks, how to go on after a broken connection. It hands out bytes and checks no digest of blobs
 * and stores nothing; that is the content store's business.
 */
package io.gantry.image.registry;
