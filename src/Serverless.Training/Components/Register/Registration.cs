using System.Text.Json;
using Serverless.Core;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Register;

/// <summary>The result of `register` for `promote`: the version, why it may be promoted, and the champion it was compared with.</summary>
internal sealed record Registration(string Name, int Version, string Digest, string? Reason, int? ComparedWith, bool Compared)
{
    private static readonly JsonSerializerOptions Json = new(ModelJson.Indented) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");

    public static Registration Read(string path)
    {
        try
        {
            var read = JsonSerializer.Deserialize<Registration>(File.ReadAllText(path), Json);
            return read is { Name: not null, Version: > 0 } ? read : throw new JsonException("it has no name or version");
        }
        catch (JsonException e)
        {
            throw ServerlessException.Invalid(
                $"'{path}' is not a registration: {e.Message}",
                "Give the file that `register` wrote as `registration`."
            );
        }
    }
}
