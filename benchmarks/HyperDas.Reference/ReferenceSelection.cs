using static TorchSharp.torch;

namespace HyperDas.Reference;

/// <summary>Selection modes as loops over numbers (docs/methods.md#selection-modes).</summary>
internal static class ReferenceSelection
{
    private const float Threshold = 0.1f;

    /// <summary>Discretises soft weights, one example after another.</summary>
    /// <param name="batch">The examples, for their entities.</param>
    /// <param name="weights">w, <c>[batch, source + 1, base]</c>.</param>
    /// <param name="mode">How.</param>
    public static Tensor Apply(ReferenceBatch batch, Tensor weights, SelectionMode mode)
    {
        if (mode == SelectionMode.Soft)
        {
            return weights;
        }
        int rows = (int)weights.shape[1], columns = (int)weights.shape[2];
        float[][][] all =
            [.. weights.detach().cpu().contiguous().data<float>().ToArray().Chunk(rows * columns).Select(w => w.Chunk(columns).ToArray())];
        for (int n = 0; n < all.Length; n++)
        {
            all[n] = mode switch
            {
                SelectionMode.OneToMany => OneHot(all[n], Winners(all[n])),
                SelectionMode.OneToOne => OneHot(all[n], Winners(Bids(all[n]))),
                SelectionMode.Global => OneHot(all[n], Strongest(all[n])),
                _ => OneHot(all[n], Entities(batch, n, rows, columns)),
            };
        }
        return tensor(all.SelectMany(w => w.SelectMany(row => row)).ToArray(), device: weights.device).view(weights.shape);
    }

    private static float[][] Bids(float[][] w)
    {
        float[][] bids = [.. w.Select(row => new float[row.Length])];
        for (int i = 0; i < w.Length - 1; i++)
        {
            int most = Array.IndexOf(w[i], w[i].Max());
            bids[i][most] = w[i][most];
        }
        bids[^1] = [.. w[^1].Select(self => Math.Max(self, Threshold))];
        return bids;
    }

    /// <summary>Row of the largest entry of each column, the first among equals.</summary>
    private static int[] Winners(float[][] w)
    {
        int[] winners = new int[w[0].Length];
        for (int j = 0; j < winners.Length; j++)
        {
            for (int i = 1; i < w.Length; i++)
            {
                winners[j] = w[i][j] > w[winners[j]][j] ? i : winners[j];
            }
        }
        return winners;
    }

    private static int[] Strongest(float[][] w)
    {
        (int row, int column) = (0, 0);
        for (int i = 0; i < w.Length - 1; i++)
        {
            for (int j = 0; j < w[i].Length; j++)
            {
                (row, column) = w[i][j] > w[row][column] ? (i, j) : (row, column);
            }
        }
        return Single(w.Length, w[0].Length, row, column);
    }

    private static int[] Entities(ReferenceBatch batch, int example, int rows, int columns)
    {
        bool left = batch.Side == PaddingSide.Left;
        Engine.Ravel.TokenizedExample e = batch.Examples[example];
        int sourceStart = left ? rows - 1 - e.SourceIds.Length : 0, baseStart = left ? columns - e.BaseIds.Length : 0;
        return Single(rows, columns, sourceStart + e.SourceEntityIndex, baseStart + e.BaseEntityIndex);
    }

    private static int[] Single(int rows, int columns, int row, int column)
    {
        int[] chosen = new int[columns];
        Array.Fill(chosen, rows - 1);
        chosen[column] = row;
        return chosen;
    }

    private static float[][] OneHot(float[][] w, int[] rowOfColumn) =>
        [.. w.Select((row, i) => row.Select((_, j) => rowOfColumn[j] == i ? 1f : 0f).ToArray())];
}
