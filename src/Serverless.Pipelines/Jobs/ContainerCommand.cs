using Serverless.Core;
using Serverless.Pipelines.Model;

namespace Serverless.Pipelines.Jobs;

/// <summary>A container's own command, as a line that a shell takes word for word.</summary>
internal static class ContainerCommand
{
    public static ComponentSpec.Command Of(ComponentSpec.Container container, ContainerPlaces places)
    {
        var words = container.Entrypoint.Concat(container.Arguments).SelectMany(places.Words).ToList();
        if (words.Count == 0)
        {
            throw ServerlessException.Invalid(
                $"The container '{container.Image}' says no command.",
                "Name its command: what an image runs by itself cannot be seen from inside of it."
            );
        }

        return new ComponentSpec.Command([string.Join(' ', words.Select(Quoted))])
        {
            Environment = container.Environment.ToDictionary(e => e.Key, e => places.Fill(e.Value)),
        };
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
