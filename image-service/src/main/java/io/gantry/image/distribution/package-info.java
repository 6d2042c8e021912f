/**
 * The registry: a server of the OCI distribution API on top of the content store, put together from
 * the packages below this one. Nothing is decided here but what belongs to whom.
 */
package io.gantry.image.distribution;
