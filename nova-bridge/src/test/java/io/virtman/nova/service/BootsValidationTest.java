package io.virtman.nova.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a request is said, with the name of the field. */
class BootsValidationTest extends NovaScene {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name | \"\"",
                "name | \" web\"",
                "name | \"we\\u0000b\"",
                "name | 5",
                "name | null",
                "count | 0",
                "count | -1",
                "count | 10001",
                "count | \"many\"",
                "count | 1.5",
                "count | null",
                "source.type | {\"type\": \"disk\", \"id\": \"11111111-2222-3333-4444-555555555555\"}",
                "source.id | {\"type\": \"image\", \"id\": \"../x\"}",
                "source | null",
                "size | 0",
                "size | \"big\"",
                "volume_type | \"\"",
                "flavor | \"\"",
                "networks | \"all\"",
                "networks | []",
                "networks[0] | [\"x\"]",
                "networks[0] | [5]",
                "key_name | \"\\n\"",
                "user_data | \"not base64!\"",
                "availability_zone | \"\\t\"",
                "server_group | \"group\"",
                "metadata.virtman_boot | {\"virtman_boot\": \"x\"}",
                "on_failure | \"explode\"",
                "max_parallel | 0",
                "unknown | 1",
            })
    void whatIsWrongIsNamed(String field, String value) throws Exception {
        ObjectNode order = order(1);
        order.set(field.replaceAll("[.\\[].*", ""), JSON.readTree(value));
        HttpResponse<String> answer = send("POST", "/v1/boots", "member", order.toString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(JSON.readTree(answer.body()).get("field").asText())
                .as(answer.body())
                .isEqualTo(field);
    }

    @Test
    void badBodiesAreRefused() throws Exception {
        assertThat(send("POST", "/v1/boots", "member", "{").statusCode()).isEqualTo(400);
        assertThat(send("POST", "/v1/boots", "member", "[]").statusCode()).isEqualTo(400);
        ObjectNode large = order(1).put("user_data", "A".repeat(70_000));
        HttpResponse<String> answer = send("POST", "/v1/boots", "member", large.toString());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("user_data");
        ObjectNode huge = order(1).put("user_data", "A".repeat(1 << 20));
        assertThat(send("POST", "/v1/boots", "member", huge.toString()).statusCode())
                .isEqualTo(413);
        assertThat(send("GET", "/v1/boots?limit=0", "member", null).statusCode()).isEqualTo(400);
    }
}
