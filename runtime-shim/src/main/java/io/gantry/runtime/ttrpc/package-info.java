/**
 * The ttrpc protocol, client and server, over unix stream sockets: frames, calls, streams, status
 * codes. Nothing here knows which services exist or what a container is, and nothing here needs
 * native code.
 */
package io.gantry.runtime.ttrpc;
