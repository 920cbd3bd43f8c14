using System.Text.Json;

namespace Serverless.Pipelines;

/// <summary>A container's own command, as a line that a shell takes word for word.</summary>
internal static class ContainerCommand
{
    /// <summary>Null for anything that is no container.</summary>
    public static ComponentSpec.Command? Of(ComponentSpec component)
    {
        if (component is not ComponentSpec.Container container)
        {
            return null;
        }

        var words = container.Entrypoint.Concat(container.Arguments).ToList();
        if (words.Count == 0)
        {
            throw ServerlessException.Invalid($"The container '{container.Image}' says no command.", "Name its command: what an image runs by itself cannot be seen from inside of it.");
        }

        return new ComponentSpec.Command([string.Join(' ', words.Select(w => Quoted(TextOf(w))))]) { Environment = container.Environment };
    }

    private static string TextOf(JsonElement word) => word.ValueKind == JsonValueKind.String && word.GetString() is { } text && !text.Contains("{{$", StringComparison.Ordinal)
        ? text
        : throw ServerlessException.Invalid($"The argument {word.GetRawText()} has places to fill in, which this launcher does not know.", "Give the values as parameters of the task.");

    private static string Quoted(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
