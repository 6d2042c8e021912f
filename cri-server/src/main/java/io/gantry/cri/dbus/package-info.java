/**
 * A client of D-Bus over a unix socket: its messages, and a connection that calls methods and hears
 * signals (D-Bus Specification). What the peer is, and what its methods mean, is not known here.
 */
package io.gantry.cri.dbus;
