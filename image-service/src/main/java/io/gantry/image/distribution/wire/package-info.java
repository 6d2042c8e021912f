/**
 * HTTP/1.1 for the registry, by Netty: connections, TLS, requests that are read no faster than they
 * are handled, answers that are sent no faster than they are taken, and patience with clients that
 * comes to an end. What is asked and answered is not known here.
 */
package io.gantry.image.distribution.wire;
