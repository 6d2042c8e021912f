/**
 * The process gantryd: command line, composition of all parts, sockets, signals and logging. What
 * the daemon does for its callers lives in the other packages.
 */
package io.gantry.cri.daemon;
