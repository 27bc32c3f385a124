/** SOAP as far as it is needed to ask for pages: what a WSDL says, envelopes, username tokens, faults. */
@NullMarked
package io.yimen.connectors.soap;

import org.jspecify.annotations.NullMarked;
