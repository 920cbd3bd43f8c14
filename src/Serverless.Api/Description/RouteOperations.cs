using System.Globalization;
using System.Text.Json.Nodes;

namespace Serverless.Api.Description;

/// <summary>A described route as an operation of the document.</summary>
internal static class RouteOperations
{
    public const string ErrorResponse = "#/components/responses/Error";

    public static JsonObject Of(RouteDoc doc, SchemaBook schemas)
    {
        var operation = new JsonObject
        {
            ["operationId"] = doc.Id,
            ["tags"] = new JsonArray(doc.Tag),
            ["summary"] = doc.Summary,
        };
        if (doc.Description is { } text)
        {
            operation["description"] = text;
        }

        if (doc.Parameters.Count > 0)
        {
            operation["parameters"] = new JsonArray([.. doc.Parameters.Select(Parameter)]);
        }

        if (doc.Request is { } request)
        {
            operation["requestBody"] = new JsonObject
            {
                ["description"] = request.Description,
                ["required"] = request.IsRequired,
                ["content"] = Content(request, schemas, isRequest: true),
            };
        }

        var responses = new JsonObject
        {
            [Text(doc.Answer.Status)] = new JsonObject
            {
                ["description"] = doc.Answer.Description,
                ["content"] = Content(doc.Answer, schemas, isRequest: false),
            },
        };
        foreach (var error in doc.Errors)
        {
            responses[Text(error.Status)] = new JsonObject { ["description"] = error.When, ["content"] = ErrorContent() };
        }

        responses["default"] = new JsonObject { ["$ref"] = ErrorResponse };
        operation["responses"] = responses;
        return operation;
    }

    /// <summary>The same without a body, as HEAD answers.</summary>
    public static JsonObject HeadOf(JsonObject operation)
    {
        var head = operation.DeepClone().AsObject();
        head["operationId"] = $"{head["operationId"]}Head";
        head["summary"] = $"{head["summary"]} (headers only)";
        foreach (var (_, response) in head["responses"]!.AsObject())
        {
            response!.AsObject().Remove("content");
        }

        return head;
    }

    public static JsonObject ErrorContent() =>
        new() { ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = SchemaBook.Place + "Error" } } };

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);

    private static JsonObject Parameter(ParameterDoc parameter) =>
        new()
        {
            ["name"] = parameter.Name,
            ["in"] = parameter.In.ToString().ToLowerInvariant(),
            ["required"] = parameter.IsRequired,
            ["description"] = parameter.Description,
            ["schema"] = new JsonObject { ["type"] = parameter.Type },
            ["example"] = parameter.Type == "string" ? parameter.Example : JsonNode.Parse(parameter.Example),
        };

    private static JsonObject Content(BodyDoc body, SchemaBook schemas, bool isRequest)
    {
        var content = new JsonObject();
        foreach (var form in body.Contents)
        {
            content[form.MediaType] = form.Type is { } type
                ? new JsonObject { ["schema"] = schemas.Of(type, form.Options!, isRequest), ["example"] = JsonNode.Parse(form.Example) }
                : new JsonObject
                {
                    ["schema"] = new JsonObject { ["type"] = "string" },
                    ["example"] = form.Example,
                };
        }

        return content;
    }
}
