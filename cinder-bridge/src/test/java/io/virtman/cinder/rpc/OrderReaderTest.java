package io.virtman.cinder.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.wire.RequestContext;
import io.virtman.messaging.wire.RpcRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a cast asks for, of captured ones and of such that nobody sends. */
class OrderReaderTest {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String PROJECT = "be562ba3ff0944298b6b9bb4df0dd783";
    private static final String ID = "e332851b-f2ac-48a5-b997-afee8a25d80c";

    private static Order read(String method, int number) {
        return OrderReader.read(Captured.request(Captured.of(method).get(number)));
    }

    private static Order order(
            String method, @Nullable String volume, @Nullable String snapshot, Order seen) {
        return new Order(
                method,
                volume,
                snapshot,
                null,
                null,
                false,
                false,
                0,
                null,
                null,
                PROJECT,
                seen.requestId());
    }

    @Test
    void capturedCastsAreUnderstood() {
        Order empty = read("create_volume", 0);
        assertThat(empty).isEqualTo(order("create_volume", ID, null, empty));
        assertThat(empty.requestId()).startsWith("req-");
        Order ofImage = read("create_volume", 1);
        assertThat(ofImage.volumeId()).isEqualTo("bd117430-7749-4473-8b3a-97b28e318b0d");
        assertThat(ofImage.imageId()).isEqualTo("05652e00-043b-4ae2-9897-cdecda267fee");
        assertThat(read("create_volume", 2).imageId()).isNull();
        Order deleted = read("delete_volume", 0);
        assertThat(deleted)
                .isEqualTo(
                        order(
                                "delete_volume",
                                "d2a5a545-d471-4308-8ab5-3782a6af9fcc",
                                null,
                                deleted));
        Order snapshot = read("create_snapshot", 0);
        assertThat(snapshot)
                .isEqualTo(
                        order(
                                "create_snapshot",
                                null,
                                "d8cd6233-430b-4e29-b4ba-2643f1676b9c",
                                snapshot));
        assertThat(read("delete_snapshot", 0).snapshotId())
                .isEqualTo("d8cd6233-430b-4e29-b4ba-2643f1676b9c");
        Order extended = read("extend_volume", 0);
        assertThat(extended.newSize()).isEqualTo(2);
        assertThat(extended.reservationList())
                .containsExactly(
                        "a5b27804-300b-461d-b12a-541785a539fa",
                        "51aa5966-71d2-46c8-921a-e183b432dffa");
        Order reverted = read("revert_to_snapshot", 0);
        assertThat(reverted.volumeId()).isEqualTo("b087048b-0374-4162-b492-4e0d318a0f9d");
        assertThat(reverted.snapshotId()).isEqualTo("e497cdc3-ef88-4505-8d29-fb7342f942c7");
    }

    @Test
    void whatTheJournalKeepsIsTheOrderAndNoSecret() {
        int casts = 0;
        for (JsonNode captured : Captured.all()) {
            RpcRequest request = Captured.request(captured);
            if (Orders.DONE.contains(request.method())
                    || Orders.REFUSED.contains(request.method())) {
                Order order = OrderReader.read(request);
                assertThat(Order.ofJson(order.toJson())).isEqualTo(order);
                assertThat(order.toJson()).doesNotContain(Captured.TOKEN, "token", "catalog");
                casts++;
            }
        }
        assertThat(casts).isGreaterThanOrEqualTo(8);
    }

    private static RpcRequest request(String method, ObjectNode args) {
        return new RpcRequest(method, args, "3.0", null, RequestContext.empty(), "id", null);
    }

    private static ObjectNode volume(JsonNode id) {
        ObjectNode args = JSON.objectNode();
        args.putObject("volume").set("id", id);
        return args;
    }

    /** Arguments of {@code extend_volume} that nobody can mean. */
    static List<ObjectNode> hostile() {
        List<ObjectNode> all = new ArrayList<>();
        all.add(JSON.objectNode());
        for (String id :
                new String[] {
                    "",
                    "../../etc/passwd",
                    ID + "/../x",
                    ID + "\n",
                    ID.toUpperCase(Locale.ROOT),
                    "x".repeat(100_000),
                    ID + "\0",
                    "'; DROP TABLE volumes; --"
                }) {
            all.add(volume(JSON.textNode(id)));
        }
        all.add(volume(JSON.numberNode(5)));
        all.add(volume(JSON.objectNode().put("id", ID)));
        all.add(volume(JSON.nullNode()));
        all.add((ObjectNode) JSON.objectNode().set("volume", JSON.arrayNode().add(ID)));
        all.add(JSON.objectNode().put("volume", ID));
        all.add(JSON.objectNode().put("volume", true));
        ObjectNode halfObject = JSON.objectNode();
        halfObject.putObject("volume").put("versioned_object.name", 7).put("id", ID);
        all.add(halfObject);
        ObjectNode noData = JSON.objectNode();
        noData.putObject("volume")
                .put("versioned_object.name", "Volume")
                .put("versioned_object.version", "x")
                .put("versioned_object.data", "y");
        all.add(noData);
        ObjectNode nested = JSON.objectNode();
        for (int depth = 0; depth < 500; depth++) {
            ObjectNode outer = JSON.objectNode();
            outer.set("volume", nested);
            nested = outer;
        }
        all.add(nested);
        return all;
    }

    @Test
    void whatNobodyCanMeanIsMalformed() {
        for (ObjectNode args : hostile()) {
            assertThatThrownBy(() -> OrderReader.read(request("extend_volume", args)))
                    .isInstanceOf(MalformedRequestException.class);
            assertThatThrownBy(() -> OrderReader.read(request("create_volume", args)))
                    .isInstanceOf(MalformedRequestException.class);
        }
    }

    private static ObjectNode extension(JsonNode size, JsonNode reservations) {
        ObjectNode args = volume(JSON.textNode(ID));
        args.set("new_size", size);
        args.set("reservations", reservations);
        return args;
    }

    @Test
    void sizesAndReservationsAreChecked() {
        ArrayNode none = JSON.arrayNode();
        ArrayNode many = JSON.arrayNode();
        for (int i = 0; i < 100_000; i++) {
            many.add(ID);
        }
        for (ObjectNode args :
                List.of(
                        extension(JSON.textNode("5"), none),
                        extension(JSON.numberNode(5.5), none),
                        extension(JSON.numberNode(1L << 40), none),
                        extension(JSON.nullNode(), none),
                        extension(JSON.numberNode(5), many),
                        extension(JSON.numberNode(5), JSON.textNode(ID)),
                        extension(JSON.numberNode(5), JSON.arrayNode().add(5)),
                        extension(JSON.numberNode(5), JSON.arrayNode().add("../x")))) {
            assertThatThrownBy(() -> OrderReader.read(request("extend_volume", args)))
                    .isInstanceOf(MalformedRequestException.class);
        }
        assertThat(
                        OrderReader.read(
                                        request(
                                                "extend_volume",
                                                extension(JSON.numberNode(5), none)))
                                .newSize())
                .isEqualTo(5);
    }

    @Test
    void imagesOfAnOrderAreIds() {
        ObjectNode args = volume(JSON.textNode(ID));
        args.putObject("request_spec").put("image_id", "../images");
        assertThatThrownBy(() -> OrderReader.read(request("create_volume", args)))
                .isInstanceOf(MalformedRequestException.class);
        args.put("request_spec", 5);
        assertThatThrownBy(() -> OrderReader.read(request("create_volume", args)))
                .isInstanceOf(MalformedRequestException.class);
    }

    @Test
    void aContextThatNoColumnCanHoldIsLeftOut() {
        ObjectNode attributes = JSON.objectNode();
        attributes.put("project_id", "p".repeat(10_000)).put("request_id", "req-\uD83D\uDE00");
        RpcRequest request =
                new RpcRequest(
                        "delete_volume",
                        volume(JSON.textNode(ID)),
                        "3.0",
                        null,
                        RequestContext.of(attributes),
                        "id",
                        null);

        Order order = OrderReader.read(request);

        assertThat(order.projectId()).isNull();
        assertThat(order.requestId()).isNull();
    }
}
