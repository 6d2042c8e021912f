/**
 * A request and its answer as the registry's endpoints see them. Neither HTTP's wire format nor any
 * network library may be known here.
 */
package io.gantry.image.distribution.exchange;
