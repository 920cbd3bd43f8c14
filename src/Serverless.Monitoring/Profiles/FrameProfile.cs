using Serverless.Core.Columns;

namespace Serverless.Monitoring.Profiles;

/// <summary>The profiles of the columns of a frame, in their order.</summary>
public sealed record FrameProfile(long RowCount, IReadOnlyList<ColumnProfile> Columns)
{
    public static FrameProfile Of(ColumnFrame frame, ProfileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(frame);
        return new FrameProfile(frame.RowCount, [.. frame.Columns.Select(column => ColumnProfile.Of(column, options))]);
    }
}
