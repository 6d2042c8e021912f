/**
 * The registry as a cache of another: what it does not have it fetches from there, and keeps. It
 * talks to the other registry by the client that pulls use, and to nobody else.
 */
package io.gantry.image.distribution.cache;
