import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Java's own HttpClient with its defaults, which offers h2c with each request. Prints a line for each answer. */
class JavaClient {
  static final HttpClient CLIENT = HttpClient.newHttpClient();
  static String url;
  static String key;

  static HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(url + path));
  }

  static HttpRequest.Builder graphql(String body) {
    return to("/graphql").header("content-type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
  }

  static void say(String name, HttpRequest request) throws Exception {
    HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    System.out.println(name + " " + answer.statusCode() + " " + answer.version() + " " + answer.headers().firstValue("www-authenticate").orElse("-") + " " + answer.body());
  }

  static void sayLive() throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    WebSocket socket = CLIENT.newWebSocketBuilder().subprotocols("graphql-transport-ws").header("x-api-key", key).buildAsync(URI.create(url.replace("http", "ws") + "/graphql"), new WebSocket.Listener() {
      public CompletionStage<?> onText(WebSocket own, CharSequence data, boolean last) {
        heard.complete(data.toString());
        own.request(1);
        return null;
      }
    }).get();
    socket.sendText("{\"type\":\"connection_init\"}", true).get();
    System.out.println("live " + heard.get());
    socket.abort();
  }

  public static void main(String[] arguments) throws Exception {
    url = arguments[0];
    key = arguments[1];
    say("keys", to("/.well-known/jwks.json").build());
    say("nowhere", to("/nowhere").build());
    say("query", graphql("{\"query\":\"{ plans { key } }\"}").build());
    say("viewer", graphql("{\"query\":\"{ viewer { __typename } }\"}").header("x-api-key", key).build());
    say("refused", graphql("{\"query\":\"{ customers { totalCount } }\"}").build());
    say("status", graphql("{\"query\":\"{ customers { totalCount } }\"}").header("accept", "application/graphql-response+json").build());
    say("patient", graphql("{\"query\":\"{ plans { key } }\"}").expectContinue(true).build());
    say("large", graphql("x".repeat(6_000_000)).build());
    sayLive();
    System.exit(0);
  }
}
