/**
 * How the daemon finds what speaks another language than the CRI to its clients, and starts it in
 * its own process. Only the seam lives here: neither side may know the other.
 */
package io.gantry.proto.frontend;
