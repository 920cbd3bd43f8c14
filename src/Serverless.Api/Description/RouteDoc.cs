using System.Text.Json;

namespace Serverless.Api.Description;

/// <summary>What the OpenAPI document says about one route. It stands in a file beside the route's endpoints.</summary>
/// <param name="Id">The operation's id, a name for generated clients: `listPolicies`.</param>
/// <param name="Route">Method and pattern, without the workspace: `GET /api/2.0/policies/{model}`.</param>
/// <param name="Tag">The group that the operation is shown in.</param>
/// <param name="Summary">One line: a verb in the imperative and its object.</param>
internal sealed record RouteDoc(string Id, string Route, string Tag, string Summary)
{
    public string? Description { get; init; }

    /// <summary>Every parameter of the pattern, and those of the query and the headers.</summary>
    public IReadOnlyList<ParameterDoc> Parameters { get; init; } = [];

    public BodyDoc? Request { get; init; }

    /// <summary>Without one, the route answers with an empty object.</summary>
    public BodyDoc Answer { get; init; } = BodyDoc.Done;

    /// <summary>Which statuses to expect beside the answer, and when.</summary>
    public IReadOnlyList<ErrorDoc> Errors { get; init; } = [];

    public string Method => Route[..Route.IndexOf(' ', StringComparison.Ordinal)];

    public string Pattern => Route[(Route.IndexOf(' ', StringComparison.Ordinal) + 1)..];
}

internal enum ParameterPlace
{
    Path,
    Query,
    Header,
}

/// <param name="Example">A value that fits.</param>
internal sealed record ParameterDoc(string Name, string Description, string Example, ParameterPlace In = ParameterPlace.Path)
{
    public bool IsRequired { get; init; } = In == ParameterPlace.Path;

    /// <summary>The type of JSON Schema.</summary>
    public string Type { get; init; } = "string";

    public static ParameterDoc Query(string name, string description, string example, string type = "string") =>
        new(name, description, example, ParameterPlace.Query) { Type = type };
}

/// <param name="Status">The HTTP status.</param>
/// <param name="When">When it is answered.</param>
internal sealed record ErrorDoc(int Status, string When);

/// <summary>A body, in one or several forms.</summary>
internal sealed record BodyDoc(IReadOnlyList<ContentDoc> Contents, string Description)
{
    public bool IsRequired { get; init; } = true;

    /// <summary>The status of an answer.</summary>
    public int Status { get; init; } = 200;

    /// <summary>It is done, and there is no more to say.</summary>
    public static BodyDoc Done { get; } = Json<DoneAnswer>(JsonSerializerOptions.Default, "{}", "It is done.");

    /// <param name="options">How the endpoint itself reads or writes it: the schema follows its names.</param>
    public static BodyDoc Json<T>(JsonSerializerOptions options, string example, string description = "JSON.") =>
        new([new ContentDoc("application/json", typeof(T), options, example)], description);

    public static BodyDoc Of(string contentType, string example, string description) =>
        new([new ContentDoc(contentType, null, null, example)], description);
}

/// <param name="Type">The type whose schema it has; null for a text or a file.</param>
/// <param name="Example">The example: JSON where there is a type.</param>
internal sealed record ContentDoc(string MediaType, Type? Type, JsonSerializerOptions? Options, string Example);

/// <summary>An object that holds nothing.</summary>
internal sealed record DoneAnswer;
