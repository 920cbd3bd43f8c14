using Serverless.Core;
using Serverless.Pipelines.Model;

namespace Serverless.Pipelines.Jobs;

/// <summary>Formats a container's own command as a line that a shell takes literally.</summary>
internal static class ContainerCommand
{
    public static ComponentSpec.Command Of(ComponentSpec.Container container, ContainerPlaces places)
    {
        var words = container.Entrypoint.Concat(container.Arguments).SelectMany(places.Words).ToList();
        if (words.Count == 0)
        {
            throw ServerlessException.Invalid(
                $"The container '{container.Image}' has no command.",
                "Set its command. The default command of an image is not visible inside it."
            );
        }

        return new ComponentSpec.Command([string.Join(' ', words.Select(Quoted))])
        {
            Environment = container.Environment.ToDictionary(e => e.Key, e => places.Fill(e.Value)),
        };
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
