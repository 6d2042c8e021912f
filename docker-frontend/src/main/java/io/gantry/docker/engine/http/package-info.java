/**
 * HTTP/1.1 on sockets, by Netty: connections, bodies and hijacked streams with back-pressure, as
 * blocking streams for those who answer. Nothing here knows what is asked for.
 */
package io.gantry.docker.engine.http;
