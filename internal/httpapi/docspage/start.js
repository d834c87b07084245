"use strict";

// Shows the description and tries its operations, on this server and no other.
SwaggerUIBundle({
  url: "api/v1/openapi.json",
  dom_id: "#page",
  deepLinking: true, // the address names the operation that is open
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayOperationId: true, // the name that it has in generated clients
  displayRequestDuration: true,
  tryItOutEnabled: true,
  persistAuthorization: false, // a token does not outlive the page
  validatorUrl: null, // else a stranger's server would be asked about the description
});
